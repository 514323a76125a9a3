import InterlockModel

extension Invariants {
    /// A compiled zone has one offset at any time, from -25 hours to just under 26 hours; a file with one byte more is
    /// rejected.
    package static func zone(_ bytes: [UInt8]) {
        guard let rules = ZoneRules(tzif: bytes) else { return }
        for time in times {
            let offset = rules.offset(at: time)
            precondition((-90_000...93_599).contains(offset), "an offset is within its bounds")
            precondition(rules.offset(at: time) == offset, "one time has one offset")
        }
        precondition(ZoneRules(tzif: bytes + [0]) == nil, "nothing may follow a zone")
        precondition(ZoneRules(tzif: bytes) == rules, "one file is one zone")
    }

    /// Both ends of the accepted range, both ends of the calendar, and every 19th day from 1900 to 2100.
    private static let times: [Int64] =
        [.min, .max, -62_135_596_800, 253_402_300_799]
        + Array(stride(from: -2_208_988_800, through: 4_102_444_800, by: 1_641_600))
}
