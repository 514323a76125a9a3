/// One step that a YAML parser reports. The edge makes these from libyaml's events.
package struct YAMLEvent: Sendable {
    package enum Kind: Sendable {
        /// The start of a document; `directives` is true if `%YAML` or `%TAG` precedes it.
        case documentStart(directives: Bool)
        case scalar(String, YAMLStyle)
        case sequenceStart, mappingStart
        /// The end of the innermost open sequence or mapping.
        case collectionEnd
        case alias
    }

    package let kind: Kind
    package let hasAnchor: Bool
    package let hasTag: Bool
    /// The position, counted from 1; columns count code points.
    package let line: Int
    package let column: Int
    /// The line in which a scalar ends, counted from 1. A block ends at the beginning of the line that follows it and
    /// its empty lines.
    package let lastLine: Int
    package var isOneLine: Bool { lastLine == line }
    /// The layout of a scalar.
    package let layout: YAMLLayout

    package init(
        _ kind: Kind, hasAnchor: Bool = false, hasTag: Bool = false, line: Int, column: Int,
        lastLine: Int? = nil, layout: YAMLLayout = .verbatim
    ) {
        self.kind = kind
        self.hasAnchor = hasAnchor
        self.hasTag = hasTag
        self.line = line
        self.column = column
        self.lastLine = lastLine ?? line
        self.layout = layout
    }
}
