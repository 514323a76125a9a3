import Glibc

/// Starts programs for commands and waits for them.
package enum Child {
    /// `POSIX_SPAWN_SETSID`, which <spawn.h> has for GNU sources alone.
    private static let beginSession: Int16 = 0x80

    /// The variables that a program receives; no other variable of this environment is passed on.
    private static let variables = ["PATH", "HOME"]

    /// - Parameter words: the program, found in PATH, and its arguments; no shell parses them.
    /// - Returns: its exit code, or 128 plus the signal's number if a signal ended it.
    package static func run(_ words: [String]) throws(Failure) -> Int32 {
        let name = words.first ?? ""
        let arguments = CStrings(words)
        let inherited = CStrings(
            variables.compactMap { name in environment(name).map { "\(name)=\($0)" } })
        var process = Int32()
        let code = unsafe posix_spawnp(
            &process, name, nil, nil, arguments.pointers, inherited.pointers)
        guard code == 0 else {
            throw Failure(.unavailable, "`\(name)` cannot be started", help: "install \(name)")
        }
        guard let exit = wait(for: process) else { throw Failure(.io, "`\(name)` was lost") }
        return exit
    }

    /// Returns the path at which a shell would find the program, or nil. Relative folders of PATH are passed over: the
    /// current folder would choose what is started.
    package static func path(of program: String) -> String? {
        (environment("PATH") ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
            .map { "\($0)/\(program)" }.first(where: isProgram)
    }

    /// Returns true for a regular file that this process may execute.
    package static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }

    /// Starts a program with streams of the caller's.
    ///
    /// - Parameters:
    ///   - path: the program; PATH is not searched.
    ///   - words: its name and its arguments.
    ///   - environment: `NAME=value` each, or nil for that of this process.
    ///   - leadsGroup: whether it is the first process of a group of its own, and of a session: it has no terminal.
    /// - Throws: the number of the error, such as ENOENT.
    package static func spawn(
        _ path: String, _ words: [String], environment: [String]?, input: Int32, output: Int32,
        errors: Int32, leadsGroup: Bool = false
    ) throws(SpawnFailure) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (number, stream) in [input, output, errors].enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
        }
        if leadsGroup {
            unsafe posix_spawnattr_setflags(&attributes, beginSession)
        }
        let arguments = CStrings(words)
        let variables = environment.map(CStrings.init)
        var process = Int32()
        let code = unsafe posix_spawn(
            &process, path, &actions, &attributes, arguments.pointers,
            variables?.pointers ?? environ)
        guard code == 0 else { throw SpawnFailure(code: code) }
        return process
    }

    /// Waits until a process has ended.
    ///
    /// - Returns: its exit code, or 128 plus the signal's number if a signal ended it; nil if it is no child.
    package static func wait(for process: Int32) -> Int32? {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

/// The number of the error with which a program was not started.
package struct SpawnFailure: Error {
    package let code: Int32
}

/// C strings in an array that ends with nil; freed with this object.
@safe package final class CStrings {
    package let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    package init(_ strings: [String]) {
        count = strings.count
        unsafe pointers = .allocate(capacity: strings.count + 1)
        for (index, text) in strings.enumerated() { unsafe pointers[index] = strdup(text) }
        unsafe pointers[strings.count] = nil
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
