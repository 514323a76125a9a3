extension CELDuration {
    /// The seconds with their fraction: `3730s`, `-0.5s`.
    package var text: String {
        let bytes = [UInt8](capacity: 32) { output in
            if seconds < 0 || nanoseconds < 0 { output.append(UInt8(ascii: "-")) }
            for digit in String(seconds.magnitude).utf8 { output.append(digit) }
            output.append(fraction: nanoseconds.magnitude)
            output.append(UInt8(ascii: "s"))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Parses numbers with units in any order: `1h2m3.5s`, `-999999999ns`; `0` needs no unit.
    ///
    /// - Throws: `conversion` for any other text, `range` beyond 64 bits of nanoseconds.
    init(text: String) throws(CELFault) {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        if rest.elementsEqual("0".utf8) {
            self.init(nanoseconds: 0)
            return
        }
        var total: Int64 = 0
        repeat {
            let part = try Self.takePart(&rest, of: text)
            let sum =
                isNegative
                ? total.subtractingReportingOverflow(part) : total.addingReportingOverflow(part)
            guard !sum.overflow else { throw CELFault(.range, text) }
            total = sum.partialValue
        } while !rest.isEmpty
        self.init(nanoseconds: total)
    }

    /// The units in the order in which they are tried: `ms` precedes `m`, with which it begins.
    private static let units: [(text: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000),
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
    ]

    /// Parses one number with its unit. Returns nanoseconds; fractions of a nanosecond are dropped.
    private static func takePart(
        _ rest: inout ArraySlice<UInt8>, of text: String
    ) throws(CELFault) -> Int64 {
        let whole = takeDigits(&rest)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = takeDigits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty,
            let unit = units.first(where: { rest.starts(with: $0.text.utf8) })
        else { throw CELFault(.conversion, text) }
        rest = rest.dropFirst(unit.text.utf8.count)
        var value: Int64 = 0
        for digit in whole {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let sum = tens.addingReportingOverflow(Int64(digit - 0x30))
            guard !overflow, !sum.overflow else { throw CELFault(.range, text) }
            value = sum.partialValue
        }
        let (scaled, overflow) = value.multipliedReportingOverflow(by: unit.nanoseconds)
        // Digits beyond the 18th are below a nanosecond in any unit.
        var numerator: Int128 = 0
        var denominator: Int128 = 1
        for digit in fraction.prefix(18) {
            numerator = numerator * 10 + Int128(digit - 0x30)
            denominator *= 10
        }
        let part = Int64(truncatingIfNeeded: numerator * Int128(unit.nanoseconds) / denominator)
        let sum = scaled.addingReportingOverflow(part)
        guard !overflow, !sum.overflow else { throw CELFault(.range, text) }
        return sum.partialValue
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(digits.count)
        return digits
    }
}

extension OutputSpan<UInt8> {
    /// Appends `.5` for 500,000,000 nanoseconds, and nothing for zero.
    mutating func append(fraction nanoseconds: UInt32) {
        guard nanoseconds > 0 else { return }
        append(UInt8(ascii: "."))
        var rest = nanoseconds
        var weight: UInt32 = 100_000_000
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(rest / weight))
            rest %= weight
            weight /= 10
        }
    }
}
