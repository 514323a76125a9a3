@testable import InterlockSafety

/// Decodes a run a character at a time, with no regard for time: what `ViewDecoder` decodes of it, without limits.
struct PlainRunDecoder {
    private let digits: RunDigits
    /// The value of each character, or nil.
    private let values: [Int?]
    /// The first characters of lines behind one that is too short for a run.
    private let begins: [Int]
    /// The bytes of each stretch of text that is kept, with a line feed behind it.
    private(set) var kept: [UInt8] = []
    /// The bytes that are tried for each header.
    private(set) var offered: [[UInt8]] = []
    private var stretches: [(start: Int, groups: Int)]

    init(_ run: EncodedRun, _ digits: RunDigits, of text: [UInt8]) {
        self.digits = digits
        var values: [Int?] = []
        var begins: [Int] = []
        for line in 0..<run.lines {
            if line > 0, run.line(line - 1).count < EncodedRun.shortest {
                begins.append(values.count)
            }
            for offset in run.line(line) {
                let value = digits.values[Int(text[offset])]
                values.append(value == ByteClass.none ? nil : Int(value))
            }
        }
        (self.values, self.begins) = (values, begins)
        stretches = Array(repeating: (start: 0, groups: 0), count: digits.group)
    }

    mutating func decode() {
        var (first, begin, cases) = (0, 0, Set<Bool>())
        for (index, value) in values.enumerated() {
            if begins.contains(index) { begin = index }
            guard let value else {
                endAll(first..<index)
                first = index + 1
                continue
            }
            if value < 52 { cases.insert(value < 26) }
            let known = index + 1 - first
            guard known >= digits.group else { continue }
            let group = bytes(index + 1 - digits.group..<index + 1)
            offerZlib(index, known, begin)
            let isAtStart = known == digits.deflateDigits && !isText(since: first)
            let isAtLine = known > digits.deflateDigits && index + 1 - begin == digits.deflateDigits
            if isAtStart || isAtLine, cases.count == 2 || digits == .hexadecimal {
                offerDeflate(index + 1 - digits.deflateDigits)
            }
            offerGzip(first..<index + 1)
            let lane = known % digits.group
            if group.allSatisfy({ ByteClass.all[Int($0)] & ByteClass.ofText != 0 }) {
                if stretches[lane].groups == 0 { stretches[lane].start = index + 1 - digits.group }
                stretches[lane].groups += 1
            } else {
                end(lane, first..<index + 1)
            }
        }
        endAll(first..<values.count)
    }

    private func isText(since first: Int) -> Bool {
        stretches[0].groups > 0 && stretches[0].start == first
    }

    private mutating func endAll(_ known: Range<Int>) {
        for lane in stretches.indices { end(lane, known) }
    }

    private mutating func end(_ lane: Int, _ known: Range<Int>) {
        let (start, groups) = stretches[lane]
        stretches[lane] = (start: 0, groups: 0)
        guard groups >= digits.leastGroups else { return }
        let first = start - digits.group >= known.lowerBound ? start - digits.group : start
        let end = min(known.upperBound, start + (groups + 1) * digits.group)
        kept += bytes(first..<end) + [UInt8(ascii: "\n")]
    }

    /// Returns the whole bytes of digits, up to the first character that is none.
    private func bytes(_ range: Range<Int>, skipping bits: Int = 0) -> [UInt8] {
        var all: [Bool] = []
        for index in range {
            guard let value = values[index] else { break }
            for bit in 0..<digits.bits { all.append(value >> (digits.bits - 1 - bit) & 1 == 1) }
        }
        var bytes: [UInt8] = []
        for start in stride(from: bits, to: all.count - 7, by: 8) {
            var byte: UInt8 = 0
            for bit in start..<start + 8 { byte = byte << 1 | (all[bit] ? 1 : 0) }
            bytes.append(byte)
        }
        return bytes
    }

    private mutating func offer(from digit: Int, skipping bits: Int = 0) {
        let most = ViewDecoder.headBytes * 8 / digits.bits
        let head = bytes(digit..<min(values.count, digit + most), skipping: bits)
        if head.count >= ViewDecoder.leastPackedBytes { offered.append(head) }
    }

    private mutating func offerZlib(_ index: Int, _ known: Int, _ begin: Int) {
        guard known >= 4 else { return }
        let head = bytes(index - 3..<index + 1).prefix(2).map { Int($0) }
        guard head[0] & 15 == 8, head[0] < 0x80, head[1] & 0x20 == 0,
            (head[0] << 8 | head[1]) % 31 == 0
        else { return }
        let isUsual = head[0] == 0x78 && [0x01, 0x5e, 0x9c, 0xda].contains(head[1])
        if known < 4 + digits.group || index - begin == 3 || isUsual { offer(from: index - 3) }
    }

    private mutating func offerDeflate(_ digit: Int) {
        let head = bytes(digit..<min(values.count, digit + 12))
        guard head.count >= 5 else { return }
        let isBlock =
            switch head[0] >> 1 & 3 {
            case 0: head[1] == ~head[3] && head[2] == ~head[4]
            case 1: true
            case 2: head[0] >> 3 <= 29
            default: false
            }
        if isBlock { offer(from: digit) }
    }

    /// Offers data of gzip if its magic number ends with the last digit, or a byte or two before it in base64.
    private mutating func offerGzip(_ known: Range<Int>) {
        let all = known.count * digits.bits
        for behind in digits == .base64 ? [0, 8, 16] : [0] where all >= behind + 24 {
            let bit = all - behind - 24
            let start = known.lowerBound + bit / digits.bits
            let found = bytes(start..<known.upperBound, skipping: bit % digits.bits)
            guard found.starts(with: [0x1f, 0x8b, 8]) else { continue }
            offer(from: start, skipping: bit % digits.bits)
            return
        }
    }
}
