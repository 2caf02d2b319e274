"""The words of plans in the languages they are written in."""

from __future__ import annotations

import pytest

from dialects.reading import guide

UNITS = (
    "阶段 {}：|第{}阶段：|步骤 {}：|任务 {}：|里程碑 {}：|第{}周：|フェーズ{}: |ステップ {}: |タスク{}: "
    "|第{}フェーズ: |단계 {}: |{}단계: |작업 {}: |{}주차: |Schritt {}: |Aufgabe {}: |Meilenstein {}: "
    "|Woche {}: |Étape {} : |Tâche {} : |Jalon {} : |Semaine {} — |Fase {}: |Paso {}: |Tarea {}: "
    "|Día {}: |DÍA {} - |День {}: |{}일차: "
    "|Hito {}: |Etapa {}: |Passo {}: |Tarefa {}: |Marco {}: |Этап {}. |Фаза {}: |Шаг {}: |{} этап: "
    "|Sprint {}: |Week {}: |Day {}: |Wave {}: |Epic {}: |Increment {}: |Slice {}: |PR {}: |PR #{}: "
    "|Commit {}: |Faz {} — |Aşama {}: |Adım {}: |Görev {}: |Hafta {}: |Giai đoạn {}: |Bước {}: |Tuần {}: "
    "|Tahap {}: |Langkah {}: |Tugas {}: |Етап {}: |Крок {}: |Завдання {}: |Etap {}: |Krok {}: |Zadanie {}: "
    "|Stap {}: |Taak {}: |5.{} Task Group {}："
)
CREATED = (
    "新建文件|作成するファイル|생성할 파일|Zu erstellende Dateien|Fichiers à créer|Archivos a crear"
    "|Arquivos a criar|Новые файлы|Nowe pliki|Nieuwe bestanden|Yeni dosyalar"
)
MODIFIED = (
    "修改文件|変更するファイル|수정할 파일|Zu ändernde Dateien|Fichiers à modifier|Archivos a modificar"
    "|Arquivos a modificar|Изменяемые файлы"
)
TESTS = (
    "测试用例|测试范围|テストケース|테스트 케이스|Zu schreibende Tests|Tests à écrire|Casos de prueba|Casos de teste"
    "|Тесты|Tests adicionales|Test-Methoden|Tests Unitaires|Pruebas unitarias|Testes unitários"
)
CRITERIA = (
    "验收标准|成功指标|完了条件|완료 기준|Akzeptanzkriterien|Critères d'acceptation|Criterios de éxito"
    "|Critérios de aceitação|Критерии готовности|Критерии"
)
COMMITS = (
    "提交信息|コミットメッセージ|커밋 메시지|Commit-Nachricht|Message de commit|Mensaje de commit"
    "|Mensagem de commit|Сообщение коммита"
)
NEEDS = (
    "依赖: 阶段 1|依存: フェーズ1|의존성: 1단계|Hängt ab von: Schritt 1|Dépend de: Étape 1"
    "|Depende de: Fase 1|Зависит от: Фаза 1"
)
COVERAGE = (
    "测试覆盖率 ≥ 90%|测试覆盖率从 35% 提升到 90% 以上"
    "|カバレッジ 90%以上|커버리지 90% 이상|Testabdeckung: 90 %|Couverture ≥ 90 %"
    "|Cobertura: 90%|Покрытие тестами: 90%"
)


@pytest.mark.parametrize("heading", UNITS.split("|"))
def test_units_are_numbered_in_any_language(heading: str) -> None:
    read = guide("".join(f"### {heading.format(number, number)}P\n**Goal**: x\n" for number in (1, 2)))

    assert [(p.id, p.title) for p in read.phases] == [("1", "P"), ("2", "P")]


@pytest.mark.parametrize(
    ("label", "action"),
    [*((label, "create") for label in CREATED.split("|")), *((label, "modify") for label in MODIFIED.split("|"))],
)
def test_files_are_declared_in_any_language(label: str, action: str) -> None:
    (one,) = guide(f"### Phase 1: A\n**{label}**:\n- `src/a.py`\n").phases

    assert [(f.path, str(f.action)) for f in one.files] == [("src/a.py", action)]


@pytest.mark.parametrize("label", TESTS.split("|"))
def test_tests_are_declared_in_any_language(label: str) -> None:
    assert [t.name for t in guide(f"### Phase 1: A\n**{label}**:\n- `test_x`\n").phases[0].tests] == ["test_x"]


@pytest.mark.parametrize("label", CRITERIA.split("|"))
def test_criteria_are_listed_in_any_language(label: str) -> None:
    assert [c.text for c in guide(f"### Phase 1: A\n**{label}**:\n- [ ] x\n").phases[0].criteria] == ["x"]


@pytest.mark.parametrize("label", COMMITS.split("|"))
def test_a_commit_is_declared_in_any_language(label: str) -> None:
    assert guide(f"### Phase 1: A\n**{label}**: `feat: x`\n").phases[0].commit == "feat: x"


@pytest.mark.parametrize("text", COVERAGE.split("|"))
def test_coverage_is_asked_for_in_any_language(text: str) -> None:
    assert guide(f"### Phase 1: A\n**Success criteria**:\n- [ ] {text}\n").phases[0].coverage.minimum == 90


@pytest.mark.parametrize("line", NEEDS.split("|"))
def test_dependencies_are_stated_in_any_language(line: str) -> None:
    label, _, first = line.partition(": ")
    heads = "".join(f"### {first.replace('1', str(number))}: t\n" for number in (1, 2, 3))

    assert guide(f"{heads}**{label}**: {first}\n").phases[2].depends == ("1",)


@pytest.mark.parametrize(
    "heading",
    [
        "Daybreak 1: x",
        "Profile 1: x",
        "Weekly 1: x",
        "Fased 1: x",
        "3 周末",
        "1 этажи: x",
        "Chunky 1: x",
    ],
)
def test_a_word_that_only_begins_like_a_unit_is_none(heading: str) -> None:
    assert guide(f"### {heading}\n### {heading.replace('1', '2')}\n").phases == ()
