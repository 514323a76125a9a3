/// One line of the launcher's status (Sources/C/CLaunch/include/CLaunch.h).
package enum LaunchStatus: Sendable, Hashable {
    /// The command was executed; Landlock is on at this ABI, or off if it is 0.
    case started(landlock: Int)
    /// Every step succeeded, and no command was executed.
    case checked(landlock: Int)
    /// Isolation is not available, for one of the reasons of section 10; nothing ran.
    case refused(reason: String, step: String, errno: Int32)
    /// A step failed; nothing ran.
    case failed(step: String, errno: Int32)
    /// Every step succeeded, and the command cannot be executed.
    case notExecuted(errno: Int32)
    /// The most memory of one process inside, in KiB, as far as pid 1 has reaped it.
    case peak(Int64)
    /// The command ended with this exit code.
    case exited(Int32)
    /// The command was ended by this signal.
    case signalled(Int32)
    case wall
    case lifeline

    /// Returns nil for a line of another form, which counts as a failure.
    package init?(_ line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
        guard line.utf8.count <= 127, let first = words.first else { return nil }
        switch (first, words.count) {
        case ("started", 2):
            guard let abi = Self.number(words[1]) else { return nil }
            self = .started(landlock: Int(abi))
        case ("checked", 2):
            guard let abi = Self.number(words[1]) else { return nil }
            self = .checked(landlock: Int(abi))
        case ("refused", 4):
            guard let errno = Self.number(words[3]), Self.isWord(words[1]), Self.isWord(words[2])
            else { return nil }
            self = .refused(reason: words[1], step: words[2], errno: errno)
        case ("failed", 3):
            guard let errno = Self.number(words[2]), Self.isWord(words[1]) else { return nil }
            self = .failed(step: words[1], errno: errno)
        case ("not-executed", 2):
            guard let errno = Self.number(words[1]) else { return nil }
            self = .notExecuted(errno: errno)
        case ("peak", 2):
            guard let size = Self.number(words[1]) else { return nil }
            self = .peak(Int64(size))
        case ("ended", 3):
            guard let value = Self.number(words[2]), let end = Self.end(words[1], value) else {
                return nil
            }
            self = end
        default: return nil
        }
    }

    private static func end(_ kind: String, _ value: Int32) -> LaunchStatus? {
        switch kind {
        case "exited": value <= 255 ? .exited(value) : nil
        case "killed": (1...64).contains(value) ? .signalled(value) : nil
        case "wall": .wall
        case "lifeline": .lifeline
        default: nil
        }
    }

    private static func number(_ text: String) -> Int32? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int32(text)
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            }
    }
}

/// The lines of a launcher in the order in which they arrive.
package struct LaunchStatusReader: Sendable {
    private var rest: [UInt8] = []
    /// True once a line was not understood; all that follows is ignored.
    package private(set) var isBroken = false

    private static let longest = 128

    package init() {}

    package mutating func read(_ bytes: some Collection<UInt8>) -> [LaunchStatus] {
        guard !isBroken else { return [] }
        rest += bytes
        var found: [LaunchStatus] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest.removeSubrange(...end)
            guard let status = LaunchStatus(line) else {
                isBroken = true
                return found
            }
            found.append(status)
        }
        if rest.count >= Self.longest { isBroken = true }
        return found
    }
}
