/// A YAML value as written: scalars are still text, and every part has its position.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// The entries in the order of the file; keys are distinct.
        case mapping([YAMLEntry])
    }

    package let content: Content
    /// The line, counted from 1.
    package let line: Int
    /// The column, counted from 1 in code points.
    package let column: Int

    package init(_ content: Content, line: Int, column: Int) {
        self.content = content
        self.line = line
        self.column = column
    }
}

package struct YAMLScalar: Sendable, Hashable {
    package let text: String
    package let style: YAMLStyle
    /// True if the scalar begins and ends on one line of the file.
    package let isOneLine: Bool
    package let layout: YAMLLayout

    package init(text: String, style: YAMLStyle, isOneLine: Bool, layout: YAMLLayout = .verbatim) {
        self.text = text
        self.style = style
        self.isOneLine = isOneLine
        self.layout = layout
    }

    /// True if nothing was written after the colon or dash.
    var isAbsent: Bool { style == .plain && text.isEmpty }
}

package enum YAMLStyle: Sendable, Hashable {
    case plain, singleQuoted, doubleQuoted, literal, folded
}

package struct YAMLEntry: Sendable {
    package let key: String
    package let keyLine: Int
    package let keyColumn: Int
    package let value: YAMLNode
}

/// The layout of a scalar's text in its file, as far as its style does not determine it. Positions inside
/// guards are computed from it.
package enum YAMLLayout: Sendable, Hashable {
    /// Each character is written as itself, or as `''` between single quotes.
    case verbatim
    /// The text between double quotes as written, with its escapes.
    case escaped(String)
    /// A literal block, with the number of columns by which each line is indented.
    case indented(Int)
}
