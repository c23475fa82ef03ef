"""The notifier contract in memory, on stderr and in a file."""

import json

import pytest

from groupbuy.adapters import notify_console
from groupbuy.adapters.memory.notices import MemoryNotifier
from groupbuy.domain.kernel import Unavailable
from groupbuy.testing.notifier import NotifierContract, message


class TestMemoryNotifier(NotifierContract):
    @pytest.fixture
    def notifier(self):
        return MemoryNotifier()

    @pytest.fixture
    def told(self, notifier):
        return lambda: [(tenant, each.key) for tenant, each in notifier.sent]


class TestConsoleNotifier(NotifierContract):
    @pytest.fixture
    def notifier(self):
        return notify_console.build({})

    @pytest.fixture
    def told(self, capsys):
        return lambda: keys(capsys.readouterr().err)


class TestFileNotifier(NotifierContract):
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "messages.jsonl"

    @pytest.fixture
    def notifier(self, path):
        return notify_console.build({"path": str(path)})

    @pytest.fixture
    def told(self, path):
        return lambda: keys(path.read_text(encoding="utf-8"))

    def test_a_new_process_remembers_what_was_told(self, notifier, told, path):
        notifier.send("tnt_1", [message("a")])
        notify_console.build({"path": str(path)}).send("tnt_1", [message("a"), message("b")])
        assert told() == [("tnt_1", "a"), ("tnt_1", "b")]

    def test_a_line_cut_short_is_told_again(self, notifier, path):
        notifier.send("tnt_1", [message("a"), message("b")])
        path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
        notify_console.build({"path": str(path)}).send("tnt_1", [message("a"), message("b")])
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) == 3
        assert json.loads(lines[2])["key"] == "b"

    def test_a_file_that_cannot_be_written_is_unavailable(self, tmp_path):
        notifier = notify_console.build({"path": str(tmp_path / "absent" / "messages.jsonl")})
        with pytest.raises(Unavailable):
            notifier.send("tnt_1", [message("a")])

    def test_facts_and_names_are_never_written(self, notifier, path):
        from attrs import evolve

        notifier.send("tnt_1", [evolve(message("a"), facts={"name": "何秀兰"})])
        assert "何秀兰" not in path.read_text(encoding="utf-8")


def keys(text):
    return [(line["tenant"], line["key"]) for line in map(json.loads, text.splitlines())]
