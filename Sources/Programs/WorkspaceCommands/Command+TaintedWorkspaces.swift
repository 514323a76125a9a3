package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockSandboxes

extension Command {
    package static let workspaceUntrusted = Command(
        "workspace untrusted", "list folders whose files count as untrusted",
        example: "interlock workspace untrusted", options: [.json, .directory],
        exits: [.unavailable],
        notes:
            "A coding agent outside `interlock run` that had read untrusted content wrote there. Later runs in such a folder begin with its level, until a person declares it clean."
    ) { invocation in
        let known = try invocation.gateway().get("/v1/tainted-workspaces")
        let lines = (known["workspaces"]?.array ?? []).map { one in
            func text(_ name: String) -> String { TerminalEscaping.shown(one[name]?.string ?? "-") }
            return
                "\(text("folder")): \(text("level")), written by run \(text("run")) at \(text("at"))"
        }
        return invocation.print(
            known, lines.isEmpty ? "no folder counts as untrusted" : lines.joined(separator: "\n"))
    }

    package static let workspaceClean = Command(
        "workspace clean FOLDER", "declare the files of a folder clean",
        example:
            "interlock workspace clean /home/ada/shop --reason 'read the diff since Friday'",
        options: [.reason, .json, .directory],
        exits: [.notFound, .unavailable],
        notes:
            "Review the files first, for instance with `git diff`: later runs in the folder, and below it, trust them again. It is on record. Open runs keep their level."
    ) { invocation in
        let text = invocation.positional[0]
        guard let folder = FolderPath(text) else {
            throw Failure(
                .usage, "invalid folder `\(TerminalEscaping.shown(text))`",
                help: "use the absolute path, as `interlock workspace untrusted` prints it")
        }
        guard let reason = invocation["reason"] else {
            throw Failure(.usage, "missing required option --reason")
        }
        let answer = try invocation.gateway().post(
            "/v1/tainted-workspaces/clean",
            WorkspaceCleanRequest(folder: folder, reason: reason).json)
        let count = answer["cleaned"]?.integer ?? 0
        return invocation.print(
            answer, "\(count) \(count == 1 ? "folder counts" : "folders count") as clean")
    }
}
