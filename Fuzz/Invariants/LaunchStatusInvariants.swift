import InterlockSandbox

extension Invariants {
    /// The status of a launcher is read the same in any pieces, and nothing is read after a line that is not understood.
    package static func launchStatus(_ bytes: [UInt8]) {
        let whole = readStatus(bytes, pieceBytes: max(1, bytes.count))
        for pieceBytes in [1, 7] {
            precondition(
                readStatus(bytes, pieceBytes: pieceBytes) == whole, "pieces make no difference")
        }
        let lines = bytes.count { $0 == UInt8(ascii: "\n") }
        precondition(whole.found.count <= lines, "each status is a line")
        for status in whole.found {
            switch status {
            case .exited(let code): precondition((0...255).contains(code), "an exit code")
            case .signalled(let signal): precondition((1...64).contains(signal), "a signal")
            case .refused(let reason, let step, _):
                precondition(isWord(reason) && isWord(step), "words of letters")
            case .failed(let step, _): precondition(isWord(step), "a word of letters")
            case .started(let landlock), .checked(let landlock):
                precondition(landlock >= 0, "an ABI")
            case .notExecuted(let errno): precondition(errno >= 0, "an errno")
            case .peak(let kibibytes): precondition(kibibytes >= 0, "a size")
            case .wall, .lifeline: break
            }
        }
    }

    private struct StatusReading: Equatable {
        var found: [LaunchStatus] = []
        var isBroken = false
    }

    private static func readStatus(_ bytes: [UInt8], pieceBytes: Int) -> StatusReading {
        var reader = LaunchStatusReader()
        var reading = StatusReading()
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let wasBroken = reader.isBroken
            let found = reader.read(bytes[start..<min(bytes.count, start + pieceBytes)])
            precondition(!wasBroken || (found.isEmpty && reader.isBroken), "a break is final")
            reading.found += found
        }
        reading.isBroken = reader.isBroken
        return reading
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 127
            && text.utf8.allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
