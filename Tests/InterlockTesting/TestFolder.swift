import Glibc

/// A folder of its own, removed with the last reference.
package final class TestFolder: Sendable {
    package let path: String

    package init() {
        let number = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        path = "/tmp/interlock-test-\(getpid())-\(number)"
        _ = unsafe mkdir(path, 0o700)
    }

    deinit { shellOutput(of: "rm -rf '\(path)'") }
}

/// Runs a shell command and returns its output, whatever its status. Blocks the thread.
@discardableResult
package func shellOutput(of command: String) -> String {
    guard let pipe = unsafe popen(command, "r") else { return "" }
    var output: [UInt8] = []
    while true {
        let byte = unsafe fgetc(pipe)
        if byte < 0 { break }
        output.append(UInt8(truncatingIfNeeded: byte))
    }
    _ = unsafe pclose(pipe)
    return String(decoding: output, as: UTF8.self)
}
