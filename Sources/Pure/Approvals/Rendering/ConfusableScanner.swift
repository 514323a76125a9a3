import InterlockModel

/// Scans a text once for words with a deceptive appearance: mixed scripts, stacked combining marks, and names in
/// punycode (`xn--`, RFC 5890).
struct ConfusableScanner {
    private(set) var found: Set<RevealedText.Warning> = []
    private var script: Script?
    private var marks = 0
    /// The number of characters of `xn--` that the label has matched, or -1 if it can no longer match.
    private var prefix = 0

    private static let mostMarks = 2
    private static let punycode: [Unicode.Scalar] = ["x", "n", "-", "-"]

    mutating func take(_ scalar: Unicode.Scalar) {
        takeLabel(scalar)
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark:
            marks += 1
            if marks > Self.mostMarks { found.insert(.stackedMarks) }
            return
        default: marks = 0
        }
        // An invisible character does not end the word, since it could otherwise hide a mixture of scripts.
        if !scalar.isSeen, scalar.properties.generalCategory != .control { return }
        guard scalar.properties.isAlphabetic else {
            // Digits belong to every script and do not end a word.
            if scalar.properties.numericType == nil { script = nil }
            return
        }
        let next = Script(scalar)
        if let script, !script.goes(with: next) { found.insert(.mixedScripts) }
        script = script ?? next
    }

    mutating func end() { takeLabel(".") }

    private mutating func takeLabel(_ scalar: Unicode.Scalar) {
        let lower = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
        let inLabel =
            scalar.properties.isAlphabetic || scalar == "-" || scalar.properties.numericType != nil
        guard inLabel else {
            prefix = 0
            return
        }
        guard prefix >= 0 else { return }
        if prefix == Self.punycode.count {
            found.insert(.punycode)
            prefix = -1
        } else {
            prefix = lower == Self.punycode[prefix] ? prefix + 1 : -1
        }
    }
}

/// The origin of a letter, as coarse as suffices to detect letters of a word that do not belong together. Ranges:
/// Blocks.txt of the Unicode Character Database, version 15.
enum Script: Hashable {
    case latin, greek, cyrillic, armenian, hebrew, arabic, cherokee, hangul
    /// Han and the two Japanese syllabaries, which one word may mix.
    case eastAsian
    /// Mathematical and enclosed letters, which resemble Latin letters.
    case lookalike
    /// Any other script, identified by its block of 128 code points.
    case other(UInt32)

    init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x41...0x24f, 0x1d00...0x1d7f, 0x1e00...0x1eff, 0x2c60...0x2c7f, 0xa720...0xa7ff,
            0xab30...0xab6f:
            self = .latin
        case 0x250...0x2af: self = .latin
        case 0x370...0x3ff, 0x1f00...0x1fff: self = .greek
        case 0x400...0x52f, 0x1c80...0x1c8f, 0x2de0...0x2dff, 0xa640...0xa69f: self = .cyrillic
        case 0x530...0x58f: self = .armenian
        case 0x590...0x5ff, 0xfb1d...0xfb4f: self = .hebrew
        case 0x600...0x6ff, 0x750...0x77f, 0x8a0...0x8ff, 0xfb50...0xfdff, 0xfe70...0xfefe:
            self = .arabic
        case 0x13a0...0x13ff, 0xab70...0xabbf: self = .cherokee
        case 0x1100...0x11ff, 0x3130...0x318f, 0xac00...0xd7ff: self = .hangul
        case 0x2e80...0x312f, 0x31a0...0x31ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff,
            0xff66...0xff9f, 0x1b000...0x1b16f, 0x20000...0x3ffff:
            self = .eastAsian
        case 0x2100...0x214f, 0x2460...0x24ff, 0xff21...0xff5a, 0x1d400...0x1d7ff,
            0x1f100...0x1f1ff:
            self = .lookalike
        default: self = .other(scalar.value >> 7)
        }
    }

    /// Returns whether a word may mix both scripts. Korean is also written with Han.
    func goes(with other: Script) -> Bool {
        switch (self, other) {
        case (.hangul, .eastAsian), (.eastAsian, .hangul): true
        default: self == other
        }
    }
}
