import InterlockAdministration

/// `/policy/findings`: what was found in the policy in force, by file and line.
struct PolicyFindingsPage {
    let findings: PagedRows<PolicyFinding>

    init(_ all: [PolicyFinding], page: Int) { findings = PagedRows(all, page: page) }

    @HTMLBuilder var content: [HTML] {
        element(.h1) { "Findings" }
        PolicyTabs.findings.html
        if findings.count == 0 {
            element(.p, .style(.empty)) { "Nothing was found in the policy in force." }
        } else {
            PolicyLabels.findings(
                Array(findings.rows), caption: "\(findings.count) findings\(findings.place)")
            findings.pager { Link("policy", "findings", query: [("page", $0)]) }
        }
    }
}
