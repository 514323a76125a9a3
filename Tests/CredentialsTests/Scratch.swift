import Glibc
import InterlockCredentials
import InterlockModel

/// A folder of its own for one test, removed at the end.
final class Scratch {
    let path: String

    init() {
        path = "/tmp/interlock-keys-\(getpid())-\(Hex.encode(SystemEntropy().bytes(8)))"
        _ = unsafe mkdir(path, 0o700)
    }

    deinit { run("chmod -R u+rwx '\(path)'; rm -rf '\(path)'") }

    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) {
        guard let file = unsafe fopen("\(path)/\(name)", "w") else { return }
        _ = unsafe fwrite(bytes, 1, bytes.count, file)
        unsafe fclose(file)
        chmodFile(name, mode)
    }

    func write(_ name: String, _ text: String, mode: mode_t = 0o600) {
        write(name, Array(text.utf8), mode: mode)
    }

    func chmodFile(_ name: String, _ mode: mode_t) { _ = unsafe chmod("\(path)/\(name)", mode) }

    func read(_ name: String) -> [UInt8] {
        guard let file = unsafe fopen("\(path)/\(name)", "r") else { return [] }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let capacity = bytes.count
        let count = unsafe fread(&bytes, 1, capacity, file)
        return Array(bytes.prefix(count))
    }
}

/// Runs a shell command and returns its output, or nil if it failed.
@discardableResult
func run(_ command: String) -> String? {
    guard let pipe = unsafe popen(command, "r") else { return nil }
    var output: [UInt8] = []
    while true {
        let byte = unsafe fgetc(pipe)
        if byte < 0 { break }
        output.append(UInt8(truncatingIfNeeded: byte))
    }
    return unsafe pclose(pipe) == 0 ? String(decoding: output, as: UTF8.self) : nil
}

/// The code of the failure that the body throws; nil if it throws none, or another error.
func code(_ body: () throws -> Void) -> KeyFailure.Code? {
    do {
        try body()
        return nil
    } catch { return (error as? KeyFailure)?.code }
}

/// A seed that is the same in every run.
func seed(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }

/// A clock that shows the same time until a test moves it.
struct FixedClock: Clock {
    var now: ClockReading
    init(_ seconds: Int64) {
        now = ClockReading(
            wall: Timestamp(microseconds: seconds * 1_000_000), boot: BootTime(microseconds: 0))
    }
}
