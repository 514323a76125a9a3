import Glibc
import InterlockCommandLine
import InterlockModel
import InterlockPorts
import InterlockSandbox

/// The folders of sandboxed runs in `state/runs`, each with a file `agent`, and a file `open` until the end of its run is
/// recorded.
struct RunFolders: SandboxFolders {
    let path: String

    private static let mark = "open"
    private static let agent = "agent"
    private static let mode: mode_t = 0o700

    func open(_ run: RunID, of agent: AgentName) throws(StoreFailure) {
        try stored { () throws(FileFailure) in
            try makeFolder()
            let folder = path + "/" + run.text
            guard unsafe mkdir(folder, Self.mode) == 0 else { throw FileFailure("create", folder) }
            try File.write(Array(agent.text.utf8), to: folder + "/" + Self.agent)
            try File.write([], to: folder + "/" + Self.mark)
            try File.syncFolder(of: folder + "/" + Self.mark)
            try File.syncFolder(of: folder)
        }
    }

    func agent(of run: RunID) throws(StoreFailure) -> AgentName? {
        let file = path + "/" + run.text + "/" + Self.agent
        guard File.exists(file) else { return nil }
        var text: [UInt8] = []
        try stored { () throws(FileFailure) in text = try File.readRegular(file, limit: 256) }
        return String(validating: text, as: UTF8.self).flatMap { AgentName($0) }
    }

    func close(_ run: RunID) throws(StoreFailure) {
        try stored { () throws(FileFailure) in
            let mark = path + "/" + run.text + "/" + Self.mark
            guard unsafe unlink(mark) == 0 || errno == ENOENT else {
                throw FileFailure("remove", mark)
            }
        }
    }

    func opened() throws(StoreFailure) -> [RunID] {
        guard File.exists(path) else { return [] }
        var names: [String] = []
        try stored { () throws(FileFailure) in names = try File.names(in: path) }
        return names.compactMap { RunID($0) }
            .filter { File.exists(path + "/" + $0.text + "/" + Self.mark) }
    }

    private func makeFolder() throws(FileFailure) {
        guard unsafe mkdir(path, Self.mode) == 0 || errno == EEXIST else {
            throw FileFailure("create", path)
        }
    }

    private func stored(_ work: () throws(FileFailure) -> Void) throws(StoreFailure) {
        do throws(FileFailure) { try work() } catch { throw StoreFailure(reason: error.message) }
    }
}

extension RunFolders: RunProcessMonitor {
    func isGone(_ run: RunID) -> Bool { RunProcessFile(folder: path + "/" + run.text).isGone }
}
