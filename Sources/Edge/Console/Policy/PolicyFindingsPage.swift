import InterlockAdministration
import InterlockMarkup

/// `/policy/findings`: what was found in the policy in force, by file and line.
struct PolicyFindingsPage {
    let overview: PolicyOverview
    let findings: PagedRows<PolicyFinding>

    init(_ overview: PolicyOverview, page: Int) {
        self.overview = overview
        findings = PagedRows(overview.findings, page: page)
    }

    var header: PageHeader { PolicyHeader(view: overview, name: "Findings").header }

    @HTMLBuilder var content: [HTML] {
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
