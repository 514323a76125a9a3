package import InterlockModel
package import InterlockPolicy

/// One document with a known-good outcome (docs/specs/evals.md, section 2).
package struct EvalCase: Sendable {
    package let id: CaseID
    package let caseClass: CaseClass
    /// The stated gate, or that of the class.
    package let gate: GateKind
    /// The people who confirmed the expected outcome, in the order of the file.
    package let reviews: [CaseReview]
    /// A captured case that no reviewer has confirmed yet.
    package let isDraft: Bool
    /// The task template, by which cases of one origin are counted together.
    package let template: String?
    /// The places of the audit log from which the case was captured; empty if it was written.
    package let origins: [CaseOrigin]
    /// The policy on which the case must fail, or nil if it proves no mended failure.
    package let regressionOf: Digest?
    package let body: Body
    package let place: PolicyLocation

    package enum Body: Sendable {
        case policy(PolicyCase)
        case agent(AgentCase)
    }

    package var kind: CaseKind {
        switch body {
        case .policy: .policy
        case .agent: .agent
        }
    }

    /// The day of the last review, or nil if there is none.
    package var lastReview: CivilDate? { reviews.map(\.on).max() }

    /// True if the gate is weaker than that of the class.
    package var isLowered: Bool { caseClass.gate == .safety && gate == .utility }
}

/// A person's confirmation of a case.
package struct CaseReview: Sendable, Hashable {
    package let by: Person
    package let on: CivilDate
}

/// The record that a case was captured from (docs/specs/evals.md, section 7).
package struct CaseOrigin: Sendable, Hashable {
    package let log: String
    package let leaf: Int64
    package let run: String?
    package let captured: Timestamp
    package let capturedBy: Person
    package let policy: Digest
}

/// A call that the decision engine judges, with the keys of a policy test.
package struct PolicyCase: Sendable {
    /// Its name is the id of the case, and its agent the suite's.
    package let test: TestSpec
    package let call: ToolAddress
    /// The kinds by which the arguments are mutated, in the order of `MutationKind.allCases`.
    package let mutations: [MutationKind]
}

/// A way in which the arguments of a call are rewritten (docs/specs/evals.md, section 3).
package enum MutationKind: String, Sendable, Hashable, CaseIterable {
    case letterCase = "case"
    case unicode
    case extraField = "extra-field"
    case encoding
    case order
    case number
    case absence
}
