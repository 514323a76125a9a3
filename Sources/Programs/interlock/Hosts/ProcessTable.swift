import InterlockCommandLine

/// The processes of this machine, as `/proc` shows them to this user.
struct ProcessTable {
    struct Entry {
        let process: Int32
        let parent: Int32
        let user: UInt32
        /// The arguments, the program first.
        let arguments: [String]
        /// The path of the executable file, or nil if this user may not read it.
        let executable: String?

        /// The last part of the program's path.
        var name: String { ProcessTable.lastPart(of: arguments.first ?? "") }
    }

    let entries: [Int32: Entry]

    /// More than the kernel lets the arguments of a process have.
    private static let bytesLimit = 8 << 20

    /// Reads the table. A process that ends meanwhile, and one without arguments (a thread of the kernel), is left out.
    init() {
        var entries: [Int32: Entry] = [:]
        for name in (try? File.names(in: "/proc")) ?? [] {
            guard let process = Int32(name), let entry = Self.entry(process) else { continue }
            entries[process] = entry
        }
        self.entries = entries
    }

    /// Returns a process and the processes that started it, up to the first one.
    func line(of process: Int32) -> [Entry] {
        var line: [Entry] = []
        var next: Int32? = process
        while let number = next, let entry = entries[number], line.count < entries.count {
            line.append(entry)
            next = entry.parent
        }
        return line
    }

    static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func entry(_ process: Int32) -> Entry? {
        let folder = "/proc/\(process)"
        guard let line = text(of: folder + "/cmdline"), !line.isEmpty,
            let status = text(of: folder + "/status"), let parent = number("PPid:", in: status),
            let user = number("Uid:", in: status)
        else { return nil }
        return Entry(
            process: process, parent: Int32(clamping: parent), user: UInt32(clamping: user),
            arguments: line.split(separator: "\0", omittingEmptySubsequences: false).dropLast()
                .map(String.init), executable: File.realPath(folder + "/exe"))
    }

    /// The first number after a name in `/proc/PID/status`.
    private static func number(_ name: String, in status: String) -> Int64? {
        for line in status.split(separator: "\n") where line.hasPrefix(name) {
            return line.dropFirst(name.count).split(whereSeparator: { $0 == "\t" || $0 == " " })
                .first.flatMap { Int64($0) }
        }
        return nil
    }

    private static func text(of path: String) -> String? {
        (try? File.read(path, limit: bytesLimit)).map { String(decoding: $0, as: UTF8.self) }
    }
}
