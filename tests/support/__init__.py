"""What tests share: projects, guides, histories and git states that they build for real."""
