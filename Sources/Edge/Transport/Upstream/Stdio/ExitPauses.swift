/// The pauses before a child that ended unexpectedly may be restarted: 1, 2, 4 ... 60 s (docs/specs/mcp.md, section
/// 12). Exits are forgotten after `exitWindow`.
struct ExitPauses: Sendable {
    private static let longest = Duration.seconds(60)
    private static let mostDoublings = 16

    private var exits: [UInt64] = []
    private var notBeforeNanoseconds: UInt64 = 0

    func mayStart(nowNanoseconds: UInt64) -> Bool { nowNanoseconds >= notBeforeNanoseconds }

    mutating func note(nowNanoseconds now: UInt64, _ limits: UpstreamLimits) {
        let window = limits.exitWindow.nanosecondsClamped
        exits = Array(exits.filter { now - $0 < window }.suffix(Self.mostDoublings)) + [now]
        let pause = min(limits.firstRetry * (1 << (exits.count - 1)), Self.longest)
        notBeforeNanoseconds = now.addingClamped(pause.nanosecondsClamped)
    }
}
