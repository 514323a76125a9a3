/// The entropy of a value by the frequencies of its bytes, in whole numbers, so that every machine computes the same.
enum Entropy {
    /// - Returns: hundredths of a bit for each byte, 0 to 800.
    static func hundredths(of bytes: [UInt8]) -> Int {
        guard bytes.count > 1 else { return 0 }
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        // The sum of p * log2(1 / p) is log2(n) less the mean of log2(count).
        let sum = counts.reduce(0) { $0 + $1 * logarithm($1) }
        let bits = logarithm(bytes.count) - sum / bytes.count
        return max(0, (bits * 100) >> fraction)
    }

    private static let fraction = 16

    /// The logarithm to base 2 in units of 2^-16, rounded down; 0 for 0.
    private static func logarithm(_ number: Int) -> Int {
        guard number > 1 else { return 0 }
        let whole = Int.bitWidth - 1 - number.leadingZeroBitCount
        // The mantissa is squared once for each bit of the fraction.
        var mantissa = UInt64(number) << UInt64(31 - whole)
        var result = whole
        for _ in 0..<fraction {
            mantissa = (mantissa * mantissa) >> 31
            result <<= 1
            if mantissa >= 1 << 32 {
                mantissa >>= 1
                result |= 1
            }
        }
        return result
    }
}
