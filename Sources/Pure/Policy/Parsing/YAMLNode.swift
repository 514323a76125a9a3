/// A YAML value as written: scalars are text still, every part knows where it stands.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the file; keys are distinct.
        case mapping([YAMLEntry])
    }

    package let content: Content
    /// 1-based.
    package let line: Int
    /// 1-based, in code points.
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
    /// Whether it begins and ends on one line of the file.
    package let isOneLine: Bool
    package let layout: YAMLLayout

    package init(
        text: String, style: YAMLStyle, isOneLine: Bool, layout: YAMLLayout = .verbatim
    ) {
        self.text = text
        self.style = style
        self.isOneLine = isOneLine
        self.layout = layout
    }

    /// Nothing was written after the colon or dash.
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
