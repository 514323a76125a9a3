extension Unicode.Scalar {
    /// True if a person who reads the text does not see this character, although a model does.
    var isHidden: Bool {
        switch value {
        case 0x09, 0x0a, 0x0d: false
        case 0x00...0x1f, 0x7f...0x9f: true  // controls
        case 0xad, 0x034f, 0x061c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b...0x180f: true
        case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f: true  // zero width, direction
        case 0x2800, 0x3164, 0xfeff, 0xffa0, 0xfff0...0xfffb: true  // blanks and fillers
        case 0xfe00...0xfe0f, 0xe0100...0xe01ef: true  // variation selectors
        case 0xe0000...0xe007f: true  // tags
        case 0x1bca0...0x1bca3, 0x1d173...0x1d17a: true
        default: false
        }
    }

    /// True for a joiner or a variation selector, which is legitimate after an emoji.
    private var shapesPictures: Bool { value == 0x200d || value == 0xfe0f }

    /// The letter that a full-width form or a mathematical letter displays, in lower case.
    var folded: Unicode.Scalar {
        switch value {
        case 0x2019: "'"
        case 0x41...0x5a: Unicode.Scalar(value + 0x20) ?? self
        case 0xff01...0xff5e: (Unicode.Scalar(value - 0xfee0) ?? self).folded
        case 0x1d400...0x1d6a3:
            // Thirteen alphabets of 26 capital and 26 small letters.
            Unicode.Scalar(0x61 + (value - 0x1d400) % 26) ?? self
        case 0x24b6...0x24e9: Unicode.Scalar(0x61 + (value - 0x24b6) % 26) ?? self
        case 0x80...: properties.lowercaseMapping.unicodeScalars.first ?? self
        default: self
        }
    }

    /// Returns the runs of hidden characters; each run becomes one finding.
    static func hiddenRuns(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (place, scalar) in scalars.enumerated() where scalar.isHidden {
            if scalar.shapesPictures, place > 0, scalars[place - 1].isPicture { continue }
            if let last = runs.last, last.upperBound == place {
                runs[runs.count - 1] = last.lowerBound..<place + 1
            } else {
                runs.append(place..<place + 1)
            }
        }
        return runs
    }

    private var isPicture: Bool { value > 0xa8 && (properties.isEmoji || shapesPictures) }
}
