extension CELDuration {
    private static let perSecond: Int64 = 1_000_000_000

    /// Creates a duration from its total; every duration fits in 64 bits of nanoseconds.
    package init(nanoseconds total: Int64) {
        self.init(
            seconds: total / Self.perSecond,
            nanoseconds: Int32(truncatingIfNeeded: total % Self.perSecond))
    }

    /// Is nil for a duration that a program made outside the range.
    package var totalNanoseconds: Int64? {
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: Self.perSecond)
        let sum = whole.addingReportingOverflow(Int64(nanoseconds))
        return overflow || sum.overflow ? nil : sum.partialValue
    }

    static func + (a: CELDuration, b: CELDuration) throws(CELFault) -> CELDuration {
        try combine(a, b) { $0.addingReportingOverflow($1) }
    }

    static func - (a: CELDuration, b: CELDuration) throws(CELFault) -> CELDuration {
        try combine(a, b) { $0.subtractingReportingOverflow($1) }
    }

    /// - Throws: `range` if the result does not fit in 64 bits of nanoseconds.
    var negated: CELDuration { get throws(CELFault) { try CELDuration(nanoseconds: 0) - self } }

    private static func combine(
        _ a: CELDuration, _ b: CELDuration,
        _ operation: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) throws(CELFault) -> CELDuration {
        guard let a = a.totalNanoseconds, let b = b.totalNanoseconds else { throw CELFault(.range) }
        let (result, overflow) = operation(a, b)
        guard !overflow else { throw CELFault(.range) }
        return CELDuration(nanoseconds: result)
    }
}
