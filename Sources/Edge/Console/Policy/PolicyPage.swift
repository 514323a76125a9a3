import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/policy`: the policy in force, its signatures, and the last reload.
struct PolicyPage {
    let view: PolicyOverview

    var header: PageHeader {
        PolicyHeader(view: view, name: "Policy").header
    }

    @HTMLBuilder var content: [HTML] {
        PolicyTabs.revisions.html
        part(.revision, "Active", version: "\(view.digest.hex) \(view.status)") { revision }
        part(.reload, "Last reload", version: view.last?.at.rfc3339() ?? "") { reload }
        card("Contents") { contents }
        card("Not enforced by this gateway") { notEnforced }
    }

    private enum Part: Int { case revision, reload }

    private func part(
        _ part: Part, _ title: String, version: String, @HTMLBuilder _ content: () -> [HTML]
    ) -> HTML {
        element(
            .section, .style(.card), .id(Anchor("policy", part.rawValue)), .flag(.isLive),
            .text(.version, version)
        ) {
            element(.h2) { title }
            content()
        }
    }

    @HTMLBuilder private var revision: [HTML] {
        if view.status == .founding {
            notice(.warning) {
                "No revision was ever signed off here: anyone who can write the files decides, and no agent is above supervised."
            }
            element(.p, .style(.hint)) {
                "An owner of the policy, or a person with the role "
                element(.code) { Role.security.rawValue }
                ", signs it on the page "
                if view.isProposed {
                    hyperlink(PolicyRoute.proposed.link) { "First revision" }
                } else {
                    "First revision"
                }
                ", or where it lies: "
                element(.code) { PolicyLabels.firstSignOff }
            }
        }
        if case .signedByAuthorAlone = view.status {
            notice(.warning) {
                "Its author alone has signed it off: no other person has agreed to it."
            }
        }
        facts.html
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("Digest") { element(.code) { view.digest.prefixed } }
        facts.add("Organisation", text: view.org)
        facts.add("Revision", text: view.revision)
        facts.add("Read from its files") { Shape.time(view.compiled) }
        if !view.status.isFounding {
            let people = view.status.signers
            facts.add("Signed off by") {
                if people.isEmpty { "people whose signatures the file does not show any more" }
                PolicyLabels.people(people)
            }
        }
        if let signed = view.signed {
            facts.add("Last signature (signer's clock)") { Shape.time(signed) }
        }
        facts.add("Owners") {
            if view.owners.isEmpty { "none" }
            PolicyLabels.people(view.owners)
        }
        facts.add("Reviewed tools", text: view.lock)
        return facts
    }

    @HTMLBuilder private var reload: [HTML] {
        if let last = view.last {
            if let refusal = last.refusal {
                // A revision that only waits for people is no fault: the header calls it pending.
                notice(refusal.waitsForSignOff ? .warning : .bad) {
                    refusal.waitsForSignOff ? "Has waited for signatures since " : "Refused "
                    Shape.exact(last.at)
                    ", so the policy before it stays active: "
                    SafeText.text(refusal.sentence)
                }
                if !refusal.findings.isEmpty {
                    PolicyLabels.findings(refusal.findings, caption: "Why it was refused")
                }
            } else {
                notice(.good) {
                    "Loaded "
                    Shape.exact(last.at)
                }
            }
        } else {
            element(.p, .style(.empty)) { "No reload since start" }
        }
    }

    private var contents: HTML {
        var facts = Facts()
        facts.add("Rules of the organisation") {
            hyperlink(PolicyRoute.rules.link) { "All rules" }
        }
        facts.add("Findings") {
            hyperlink(PolicyRoute.findings.link) { Shape.count(view.findings.count, "finding") }
        }
        facts.add("Agents") {
            if view.agents > 0 {
                hyperlink(PolicyRoute.agents.link) { Shape.count(view.agents, "agent") }
            } else {
                "none that you may see"
            }
        }
        facts.add("Servers") { "\(view.servers), with \(view.tools) tools" }
        return facts.html
    }

    @HTMLBuilder private var notEnforced: [HTML] {
        if view.notEnforced.isEmpty {
            element(.p, .style(.empty)) { "All rules enforced" }
        } else {
            element(.p) { "These parts bind runs of interlock run, and not the gateway:" }
            PolicyLabels.lines(Array(view.notEnforced.prefix(Paging.size)))
            if view.notEnforced.count > Paging.size {
                element(.p) { "and \(view.notEnforced.count - Paging.size) more" }
            }
        }
    }
}
