import InterlockModel
import InterlockPolicyCEL

/// Compares the declared units with the reviewed schemas of their tools (E218): each argument must exist and may be a
/// number, each currency must exist and may be a text. A tool without a pin is not checked.
func checkUnits(_ document: PolicyDocument, _ lock: PolicyLock?, _ findings: inout Findings) {
    guard let lock else { return }
    for server in document.servers {
        for tool in server.tools where !tool.units.isEmpty {
            let address = ToolAddress(server: server.name, tool: tool.name)
            // A schema that has no type is a finding of the guards that need it (E315).
            guard let schema = lock.inputSchema(of: address),
                let type = try? CELSchema.argumentsType(of: schema)
            else { continue }
            let reviewed = "\(address) (\(lock.pin(of: address)?.prefixed.prefix(13) ?? "no pin"))"
            let check = ReviewedArguments(type: type, tool: reviewed)
            for unit in tool.units.all {
                check.check(unit.argument, \.mayBeNumber, "number", of: unit, &findings)
                if case .money(_, .argument(let path)) = unit.kind {
                    check.check(path, \.mayBeText, "text", of: unit, &findings)
                }
            }
        }
    }
}

/// The arguments of one tool, as reviewed.
private struct ReviewedArguments {
    let type: CELType
    /// The name in messages.
    let tool: String

    func check(
        _ path: ArgumentPath, _ fits: (CELType) -> Bool, _ wanted: String, of unit: ArgumentUnit,
        _ findings: inout Findings
    ) {
        var type = type
        for name in path.names {
            switch type.field(name) {
            case .found(let inner): type = inner
            case .missing(let names):
                findings.add(
                    .unfitUnit, at: unit, "units: \(tool) has no argument `\(path.name)`",
                    help: didYouMean(name, among: names))
                return
            }
        }
        guard type.kinds.contains(where: fits) else {
            findings.add(
                .unfitUnit, at: unit,
                "units: `\(path.name)` of \(tool) is \(type.text), not a \(wanted)")
            return
        }
    }
}

extension CELType {
    fileprivate enum Field {
        case found(CELType)
        case missing(among: [String])
    }

    fileprivate func field(_ name: String) -> Field {
        var names: [String] = []
        var found: [CELType] = []
        for kind in kinds {
            switch kind {
            case .dyn: return .found(.dyn)
            case .map(_, let value): found.append(value)
            case .object(let object):
                names += object.fields.map(\.name)
                found += object.fields.filter { $0.name == name }.map(\.type)
            default: break
            }
        }
        return found.isEmpty ? .missing(among: names) : .found(.any(of: found))
    }

    fileprivate var mayBeNumber: Bool {
        switch self {
        case .dyn, .int, .uint, .double: true
        default: false
        }
    }

    fileprivate var mayBeText: Bool { self == .dyn || self == .string }
}
