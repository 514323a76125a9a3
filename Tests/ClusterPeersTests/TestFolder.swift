import Glibc
import InterlockCredentials
import InterlockModel

/// A folder of its own, removed with the last reference.
final class TestFolder: Sendable {
    let path: String

    init() {
        path = "/tmp/interlock-peers-\(getpid())-\(Hex.encode(SystemEntropy().bytes(8)))"
        _ = unsafe mkdir(path, 0o700)
    }

    deinit { run("rm -rf '\(path)'") }
}

/// Runs a shell command and returns its output, whatever its status. Blocks the thread.
@discardableResult
func run(_ command: String) -> String {
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
