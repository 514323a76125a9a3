import CLinux
import Glibc
import InterlockPorts

/// A NULL-terminated array of C strings, in the format of execve.
@safe struct CStringArray: ~Copyable {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    /// - Throws: an error if a string contains a NUL, which would end it early.
    init(_ strings: [String]) throws(LaunchFailure) {
        for text in strings where text.utf8.contains(0) {
            throw LaunchFailure(reason: "a zero byte in an argument or in the environment")
        }
        count = strings.count
        unsafe pointers = .allocate(capacity: strings.count + 1)
        for (index, text) in strings.enumerated() { unsafe pointers[index] = strdup(text) }
        unsafe pointers[strings.count] = nil
    }

    /// - Throws: an error if a name is empty or contains `=`, which would change the variable.
    init(environment: [(String, String)]) throws(LaunchFailure) {
        for (name, _) in environment where name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) {
            throw LaunchFailure(reason: "`\(name)` is not the name of a variable")
        }
        try self.init(environment.map { "\($0)=\($1)" })
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
