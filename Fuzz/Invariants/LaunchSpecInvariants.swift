import CLaunch

extension Invariants {
    /// The launcher's readers accept whole memfds alone: an accepted one is refused when it is cut, or has one byte more.
    package static func launchSpec(_ bytes: [UInt8]) {
        check(bytes) { unsafe interlock_spec_check($0, $0.count) == 0 }
        check(bytes) { unsafe interlock_environment_check($0, $0.count) == 0 }
    }

    private static func check(_ bytes: [UInt8], isAccepted: ([UInt8]) -> Bool) {
        guard isAccepted(bytes) else { return }
        precondition(!isAccepted(bytes + [0]), "nothing follows the end")
        for cut in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 16)) {
            precondition(!isAccepted(Array(bytes[..<cut])), "a cut specification is refused")
        }
    }
}
