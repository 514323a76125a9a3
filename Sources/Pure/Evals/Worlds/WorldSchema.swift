import InterlockPolicy

/// The format of fixtures as a table (docs/specs/evals.md, section 2). Any other key is E201.
enum WorldSchema {
    static let world = Record("a fixture") {
        Field("interlock_eval", .scalar(.integer(1...1)), "The version.", required: true)
        Field("servers", .map(.server, .record(server)), "The fake servers.", required: true)
    }

    private static let server = Record("a fake server", oneOf: ["tools", "command"]) {
        Field("state", .json, "Its state at the start of each trial.")
        Field(
            "tools", .map(.tool, .list(.record(answer), single: true)),
            "The answers of each tool, of which the first that fits counts.")
        Field("command", .list(.scalar(.text)), "The command of a real MCP server.")
    }

    private static let answer = Record("an answer of a tool") {
        Field("match", .json, "Pointers into the arguments, and their values.")
        Field("state", .json, "Pointers into the state before the call, and their values.")
        Field("answer", .record(content), "The result.", required: true)
        Field("patch", .list(.record(operation)), "The change of the state.")
    }

    static let contents = ["text", "content", "structured", "state", "error"]

    private static let content = Record("`answer`", oneOf: contents) {
        Field("text", .scalar(.text), "A text.")
        Field("content", .list(.json), "Content blocks.")
        Field("structured", .json, "Structured content.")
        Field("state", .scalar(.text), "A pointer to a part of the state after the patch.")
        Field("error", .scalar(.text), "The text of a failure.")
    }

    private static let operation = Record("an operation") {
        Field(
            "op", .scalar(.word(["add", "remove", "replace", "move", "copy", "test"])),
            "What is done.", required: true)
        Field("path", .scalar(.text), "A JSON Pointer into the state.", required: true)
        Field("from", .scalar(.text), "A JSON Pointer; of `move` and `copy`.")
        Field("value", .json, "The value; of `add`, `replace` and `test`.")
    }
}
