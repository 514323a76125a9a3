import Glibc
import Synchronization

@testable import InterlockSandbox

/// A file system of cgroups as a table: folders with files, and what a kernel does when they are written.
final class FakeCgroups: CgroupFiles {
    struct State {
        var files: [String: String] = [:]
        var writable: Set<String> = []
        /// The errno of writes, by path.
        var refusals: [String: Int32] = [:]
        var written: [String] = []
    }
    let state: Mutex<State>

    static let mount = "/sys/fs/cgroup"

    /// - Parameters:
    ///   - own: the cgroup of the process, from the mount on.
    ///   - processes: what `cgroup.procs` has, by folder.
    ///   - controllers: those of each folder.
    init(
        own: String, processes: [String: String], delegated: [String] = [],
        controllers: String = "cpu memory pids"
    ) {
        var state = State()
        state.files["/proc/self/mountinfo"] = """
            22 1 0:20 / /proc rw - proc proc rw
            29 22 0:26 / \(Self.mount) rw,nosuid shared:9 - cgroup2 cgroup2 rw

            """
        state.files["/proc/self/cgroup"] = "4:memory:/x\n0::\(own)\n"
        for (folder, text) in processes {
            let path = Self.mount + folder
            state.files[path] = ""
            state.files[path + "/cgroup.procs"] = text
            state.files[path + "/cgroup.controllers"] = controllers + "\n"
            state.files[path + "/cgroup.subtree_control"] = ""
        }
        for folder in delegated {
            for name in ["", "/cgroup.procs", "/cgroup.subtree_control"] {
                state.writable.insert(Self.mount + folder + name)
            }
        }
        self.state = Mutex(state)
    }

    func set(_ path: String, _ text: String) { state.withLock { $0.files[path] = text } }
    func refuse(_ path: String, _ error: Int32) { state.withLock { $0.refusals[path] = error } }
    var written: [String] { state.withLock { $0.written } }

    func read(_ path: String) -> String? { state.withLock { $0.files[path] } }

    func write(_ text: String, to path: String) -> Int32 {
        state.withLock { state in
            if let error = state.refusals[path] { return error }
            state.written.append(
                "\(path.split(separator: "/").suffix(2).joined(separator: "/")) \(text)")
            if path.hasSuffix("subtree_control") {
                state.files[path, default: ""] += text.dropFirst() + " "
            } else {
                state.files[path] = text
            }
            return 0
        }
    }

    func makeFolder(_ path: String) -> Int32 {
        state.withLock { state in
            guard state.files[path] == nil else { return EEXIST }
            state.files[path] = ""
            return 0
        }
    }

    func removeFolder(_ path: String) -> Int32 {
        state.withLock { $0.files.removeValue(forKey: path) == nil ? ENOENT : 0 }
    }

    func isWritable(_ path: String) -> Bool { state.withLock { $0.writable.contains(path) } }

    func open(_ path: String) -> Int32 {
        state.withLock { $0.files[path] != nil } ? dup(0) : -1
    }
}
