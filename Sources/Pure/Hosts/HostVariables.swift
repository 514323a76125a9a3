/// Placeholders in a host's text that the host substitutes: `${VAR}` and `${VAR:-default}` (Claude Code), `${env:VAR}`,
/// `${input:ID}`, `${workspaceFolder}` and `${userHome}` (VS Code, Cursor).
package enum HostVariable: Sendable, Hashable {
    case environment(String, standIn: String?)
    case input(String)
    case workspaceFolder, userHome
    /// Any other form; the value is the text between the braces.
    case unknown(String)

    /// The placeholder as in the file, for messages; a default may be a secret and is omitted.
    package var text: String {
        switch self {
        case .environment(let name, nil): "${\(name)}"
        case .environment(let name, _?): "${\(name):-...}"
        case .input(let name): "${input:\(name)}"
        case .workspaceFolder: "${workspaceFolder}"
        case .userHome: "${userHome}"
        case .unknown(let text): "${\(text)}"
        }
    }

    init(inside text: String) {
        if text == "workspaceFolder" {
            self = .workspaceFolder
        } else if text == "userHome" {
            self = .userHome
        } else if text.hasPrefix("input:") {
            self = .input(String(text.dropFirst(6)))
        } else if text.hasPrefix("env:"), isVariableName(text.dropFirst(4)) {
            self = .environment(String(text.dropFirst(4)), standIn: nil)
        } else if let bar = text.firstRange(of: ":-"), isVariableName(text[..<bar.lowerBound]) {
            self = .environment(
                String(text[..<bar.lowerBound]), standIn: String(text[bar.upperBound...]))
        } else if isVariableName(text[...]) {
            self = .environment(text, standIn: nil)
        } else {
            self = .unknown(text)
        }
    }
}

/// Returns whether the text matches `[A-Za-z_][A-Za-z0-9_]*`.
package func isVariableName(_ text: Substring) -> Bool {
    guard let first = text.first, first.isLetter || first == "_" else { return false }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
}

/// A text of a host's file, split into literal parts and variables.
package struct HostText: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text(String)
        case variable(HostVariable)
    }

    package let parts: [Part]

    /// Splits any text; an unclosed `${` is literal text.
    package init(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "${"),
            let close = rest[open.upperBound...].firstIndex(of: "}")
        {
            if open.lowerBound > rest.startIndex {
                parts.append(.text(String(rest[..<open.lowerBound])))
            }
            parts.append(.variable(HostVariable(inside: String(rest[open.upperBound..<close]))))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty || parts.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    package var variables: [HostVariable] {
        parts.compactMap { if case .variable(let variable) = $0 { variable } else { nil } }
    }

    /// - Parameter value: returns nil for a variable without a value.
    /// - Throws: the first variable without a value.
    package func filled(_ value: (HostVariable) -> String?) throws(UnknownVariable) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let own): text += own
            case .variable(let variable):
                guard let found = value(variable) else { throw UnknownVariable(variable) }
                text += found
            }
        }
        return text
    }
}

package struct UnknownVariable: Error, Sendable, Hashable {
    package let variable: HostVariable
    package init(_ variable: HostVariable) { self.variable = variable }
}
