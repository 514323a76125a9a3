package import InterlockModel

extension CELTimestamp {
    /// 0001-01-01T00:00:00Z
    package static let firstSecond: Int64 = -62_135_596_800
    /// 9999-12-31T23:59:59Z
    package static let lastSecond: Int64 = 253_402_300_799
    private static let perSecond: Int64 = 1_000_000_000

    package init(_ time: Timestamp) {
        let (seconds, rest) = floorDivide(time.microseconds, 1_000_000)
        self.init(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: rest * 1000))
    }

    /// - Throws: `range` outside the years 1 to 9999.
    init(checkedSeconds seconds: Int64, nanoseconds: Int32 = 0) throws(CELFault) {
        guard (Self.firstSecond...Self.lastSecond).contains(seconds) else { throw CELFault(.range) }
        self.init(seconds: seconds, nanoseconds: nanoseconds)
    }

    static func + (a: CELTimestamp, b: CELDuration) throws(CELFault) -> CELTimestamp {
        let (carry, nanoseconds) = floorDivide(
            Int64(a.nanoseconds) + Int64(b.nanoseconds), Self.perSecond)
        let sum = a.seconds.addingReportingOverflow(b.seconds)
        let total = sum.partialValue.addingReportingOverflow(carry)
        guard !sum.overflow, !total.overflow else { throw CELFault(.range) }
        return try CELTimestamp(
            checkedSeconds: total.partialValue, nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
    }

    static func - (a: CELTimestamp, b: CELDuration) throws(CELFault) -> CELTimestamp {
        try a + (try b.negated)
    }

    /// - Throws: `range` if the times are more than 292 years apart, which no duration can express.
    static func - (a: CELTimestamp, b: CELTimestamp) throws(CELFault) -> CELDuration {
        let (seconds, overflow) = a.seconds.subtractingReportingOverflow(b.seconds)
        let (whole, tooLong) = seconds.multipliedReportingOverflow(by: Self.perSecond)
        let sum = whole.addingReportingOverflow(Int64(a.nanoseconds) - Int64(b.nanoseconds))
        guard !overflow, !tooLong, !sum.overflow else { throw CELFault(.range) }
        return CELDuration(nanoseconds: sum.partialValue)
    }
}

/// Rounds the quotient toward minus infinity, so that the remainder is never negative.
///
/// - Precondition: `divisor` is positive.
package func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}
