import InterlockModel
import InterlockSafety

/// Reports waivers of values that do not count (W241), so that the calls that they are for are denied.
func lintSafety(_ document: PolicyDocument, at now: Timestamp, _ findings: inout Findings) {
    for waiver in document.safety.waivers {
        guard let problem = waiver.problem(at: now) else { continue }
        findings.add(
            .endedValueWaiver, at: waiver,
            "safety.waivers: `\(waiver.secretClass.rawValue)` of \(waiver.tool.value) \(problem)",
            help: "leave it out, or have its owner state another day")
    }
}
