import CYAML
import InterlockModel
package import InterlockPolicy

/// The result of reading one file: a tree, or the findings that explain its absence.
package struct YAMLReading: Sendable {
    package let root: YAMLNode?
    package let findings: [Finding]
    package let nodeCount: Int
}

/// Reads one YAML document in the policy's subset (docs/specs/policy.md, section 2.2).
///
/// libyaml only finds the structure; `InterlockPolicy` decides what is allowed.
/// - Parameter file: the name that findings carry.
package func readYAML(_ bytes: [UInt8], file: String) -> YAMLReading {
    let early = textFindings(bytes, file: file)
    guard early.isEmpty else { return YAMLReading(root: nil, findings: early, nodeCount: 0) }
    var builder = YAMLTreeBuilder(file: file)
    let syntax = libyamlEvents(of: bytes, file: file) { builder.take($0) }
    var findings = builder.findings + syntax
    if findings.isEmpty, builder.root == nil {
        let start = PolicyLocation(file: file, line: 1, column: 1)
        findings.append(Finding(.emptyFile, at: start, "the file is empty"))
    }
    return YAMLReading(
        root: findings.isEmpty ? builder.root : nil, findings: findings,
        nodeCount: builder.nodeCount)
}

/// Runs libyaml over `bytes` and passes each event to `take` until that returns false.
///
/// - Returns: the syntax error, if there was one.
func libyamlEvents(
    of bytes: [UInt8], file: String, take: (YAMLEvent) -> Bool
) -> [Finding] {
    var parser = unsafe yaml_parser_t()
    guard unsafe yaml_parser_initialize(&parser) == 1 else {
        let start = PolicyLocation(file: file, line: 1, column: 1)
        return [Finding(.yamlSyntax, at: start, "the YAML parser has no memory")]
    }
    defer { unsafe yaml_parser_delete(&parser) }
    var layouts = ScalarLayouts(of: bytes)
    return unsafe bytes.withUnsafeBufferPointer { input in
        unsafe yaml_parser_set_input_string(&parser, input.baseAddress, input.count)
        unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(&parser, &event) == 1 else {
                return unsafe [syntaxFinding(parser, file: file)]
            }
            defer { unsafe yaml_event_delete(&event) }
            if unsafe event.type == YAML_STREAM_END_EVENT { return [] }
            if let step = unsafe yamlEvent(event, &layouts), !take(step) { return [] }
        }
    }
}

/// - Returns: nil for events without content (start of the stream, end of the document).
private func yamlEvent(_ event: yaml_event_t, _ layouts: inout ScalarLayouts) -> YAMLEvent? {
    let line = unsafe Int(event.start_mark.line) + 1
    let column = unsafe Int(event.start_mark.column) + 1
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT:
        let start = unsafe event.data.document_start
        let directives =
            unsafe start.version_directive != nil
            || start.tag_directives.start != start.tag_directives.end
        return YAMLEvent(.documentStart(directives: directives), line: line, column: column)
    case YAML_ALIAS_EVENT: return YAMLEvent(.alias, line: line, column: column)
    case YAML_SCALAR_EVENT:
        let scalar = unsafe event.data.scalar
        let text = unsafe String(
            decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
            as: UTF8.self)
        let scalarStyle = unsafe style(scalar.style)
        let isOneLine = unsafe event.start_mark.line == event.end_mark.line
        let end = unsafe Int(event.end_mark.column)
        let layout = layouts.layout(
            of: text, scalarStyle, line: line - 1, columns: isOneLine ? (column - 1)..<end : nil)
        return unsafe YAMLEvent(
            .scalar(text, scalarStyle), hasAnchor: scalar.anchor != nil, hasTag: scalar.tag != nil,
            line: line, column: column, lastLine: Int(event.end_mark.line) + 1, layout: layout)
    case YAML_SEQUENCE_START_EVENT:
        let start = unsafe event.data.sequence_start
        return unsafe YAMLEvent(
            .sequenceStart, hasAnchor: start.anchor != nil, hasTag: start.tag != nil, line: line,
            column: column)
    case YAML_MAPPING_START_EVENT:
        let start = unsafe event.data.mapping_start
        return unsafe YAMLEvent(
            .mappingStart, hasAnchor: start.anchor != nil, hasTag: start.tag != nil, line: line,
            column: column)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        return YAMLEvent(.collectionEnd, line: line, column: column)
    default: return nil
    }
}

private func style(_ style: yaml_scalar_style_t) -> YAMLStyle {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
}

private func syntaxFinding(_ parser: yaml_parser_t, file: String) -> Finding {
    let place = unsafe PolicyLocation(
        file: file, line: Int(parser.problem_mark.line) + 1,
        column: Int(parser.problem_mark.column) + 1)
    let said = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "not YAML"
    let begun = unsafe parser.context == nil ? nil : Int(parser.context_mark.line) + 1
    let problem = YAMLProblem(libyaml: said, begun: begun)
    return Finding(.yamlSyntax, at: place, problem.message, help: problem.help)
}
