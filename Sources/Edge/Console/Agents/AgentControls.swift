import InterlockAdministration

/// The table of controls with their points of enforcement; "guidance" marks a control that nothing enforces.
struct AgentControls {
    let sheet: AgentDetail

    @HTMLBuilder var content: [HTML] {
        table.html
        if sheet.guidance.isEmpty {
            element(.p) { "Nothing that its policy says is guidance alone." }
        }
    }

    private var table: Table {
        var table = Table(
            "Controls, and the point that enforces each", ["Control", "Enforced by"], sheet.controls
        ) { [.text($0.control), .text($0.point)] }
        table.rows += sheet.guidance.map { part in
            [
                .group(SafeText.text(part)),
                .group([badge("guidance", .warning), .text(" not enforced by this version")]),
            ]
        }
        return table
    }
}
