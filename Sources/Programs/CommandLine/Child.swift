import Glibc

/// Starts programs for commands and waits for them.
package enum Child {
    /// The variables that a program receives; no other variable of this environment is passed on.
    private static let variables = ["PATH", "HOME"]

    /// - Parameter words: the program, found in PATH, and its arguments; no shell parses them.
    /// - Returns: its exit code, or 128 plus the signal's number if a signal ended it.
    package static func run(_ words: [String]) throws(Failure) -> Int32 {
        let name = words.first ?? ""
        let arguments = CStrings(words)
        let inherited = CStrings(
            variables.compactMap { name in environment(name).map { "\(name)=\($0)" } })
        var process = pid_t()
        let code = unsafe posix_spawnp(
            &process, name, nil, nil, arguments.pointers, inherited.pointers)
        guard code == 0 else {
            throw Failure(.unavailable, "`\(name)` cannot be started", help: "install \(name)")
        }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(.io, "`\(name)` was lost") }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
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
