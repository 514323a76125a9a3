import InterlockPolicy
import InterlockPolicyCEL

/// The corpus states errors in the words of other engines; this maps each text to the accepted kinds of fault
/// (docs/specs/policy.md, section 5.6).
extension CorpusCase {
    /// Returns nil if the table does not contain the text.
    func acceptedFaults(for text: String) -> Set<CELFault.Kind>? {
        if isMisnamedDivision { return [.divideByZero] }
        if section == "format_errors" { return [.format] }
        guard let row = Self.table.first(where: { text.contains($0.words) }) else { return nil }
        let alsoNoSelection = ["map_null_entry_no_such_key", "map_present_key_invalid_field"]
        if file == "optionals", alsoNoSelection.contains(name) { return [row.kind, .noSelection] }
        return [row.kind]
    }

    /// Is true only for the case whose error the checker must report.
    var failsInChecker: Bool { file == "network_ext" && name == "is_ip_cidr_compile_error" }

    /// Is true if the text names another kind of error than the one that occurs: the operands divide by zero.
    private var isMisnamedDivision: Bool {
        switch file {
        case "logic":
            ["AND", "OR"].contains(section) && ["error_left", "error_right"].contains(name)
        case "plumbing": name == "error_result"
        default: false
        }
    }

    /// The words and their kind of fault; the first matching row applies.
    private static let table: [(words: String, kind: CELFault.Kind)] = [
        ("no such overload", .noSuchOverload), ("no_such_overload", .noSuchOverload),
        ("no matching overload", .noSuchOverload),
        ("divide by zero", .divideByZero), ("division by zero", .divideByZero),
        ("modulus by zero", .divideByZero),
        ("no such key", .noSuchKey),
        ("overflow", .overflow),
        ("index", .index), ("invalid substring range", .index),
        ("range", .range),
        ("Type conversion", .conversion), ("conversion from string", .conversion),
        ("invalid UTF-8", .conversion), ("IP Address", .conversion),
        ("zone value", .conversion), ("IPv4-mapped", .conversion),
        ("invalid_argument", .invalidArgument), ("negative offset", .invalidArgument),
        ("undeclared", .undeclared), ("unknown variable", .undeclared),
        ("unbound function", .undeclared),
        ("does not support field selection", .noSelection),
        ("unsupported key type", .keyType), ("repeated key", .repeatedKey),
    ]
}
