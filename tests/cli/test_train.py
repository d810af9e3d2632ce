"""`dedup train` as a user runs it."""

import json

from cli_support import CORPUS, run_dedup

from dedup.classify import load_model


def test_a_model_with_its_card_is_made_and_replaces_nothing(tmp_path):
    labelled, model = CORPUS / "labelled", tmp_path / "own.model"
    about = ("--name", "our pages", "--licence", "CC0-1.0", "--date", "2026-01-02")
    done = run_dedup("train", labelled, "-o", model, "--folds", "2", *about)
    assert done.returncode == 0, done.stderr
    assert "fold 2 of 2" in done.stderr
    assert "word F1" in done.stderr
    card = load_model(str(model)).card
    assert card["data"] == {"name": "our pages", "licence": "CC0-1.0"}
    assert card["date"] == "2026-01-02"
    assert card["settings"]["folds"] == 2
    assert card["cross-validated"]["html"]["F1"] > 0.5
    again = run_dedup("train", labelled, "-o", model)
    assert again.returncode == 2
    assert "exists; --overwrite replaces it" in again.stderr
    (tmp_path / "page.html").write_text("<p>Rain fell all day on the harbour of Lindau.</p>")
    used = run_dedup("extract", tmp_path / "page.html", "--model", model)
    assert used.returncode == 0, used.stderr


def test_labels_without_a_body_are_refused(tmp_path):
    (tmp_path / "pages.jsonl").write_text(json.dumps({"html": "<p>Rain</p>"}) + "\n")
    done = run_dedup("train", tmp_path / "pages.jsonl", "-o", tmp_path / "own.model")
    assert done.returncode == 2
    assert "a page needs html or text, and body" in done.stderr
    assert not (tmp_path / "own.model").exists()
