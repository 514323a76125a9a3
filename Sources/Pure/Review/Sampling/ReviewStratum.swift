package import InterlockModel
package import InterlockTrust

/// A part of the population that is sampled by itself (docs/specs/trust-and-review.md, section 8). A call is in exactly one.
package enum ReviewStratum: String, Sendable, Hashable, CaseIterable {
    /// Break-glass, exceptions, unknown outcomes, and approvals given in tainted runs.
    case always
    /// Consequential calls that people approved.
    case approved
    /// Consequential calls that ran without a person.
    case unattended
    case denied
    case read

    /// The number of records to read, for an agent of a tier at a stage.
    ///
    /// The tier states it; stage 0 adds all consequential calls, and stage 1 all that people approved (section 2).
    package func size(tier: Tier, stage: AutonomyStage) -> SampleSize {
        switch self {
        case .always: .all
        case .approved where stage <= .assisted: .all
        case .unattended where stage == .gated: .all
        case .approved: .most(tier == .high ? 299 : tier == .medium ? 59 : 20)
        case .unattended: .most(tier == .high ? 299 : 59)
        case .denied: .most(tier == .high ? 59 : 20)
        case .read: .most(tier == .low ? 10 : 20)
        }
    }
}

/// The number of records that are read of a stratum.
package enum SampleSize: Sendable, Hashable {
    /// All of them, up to `largest`.
    case all
    case most(Int)

    /// The most records of a stratum that are held and read.
    package static let largest = 20_000

    package var limit: Int {
        switch self {
        case .all: Self.largest
        case .most(let count): count
        }
    }

    /// The number of further records that are kept, which replace erased ones.
    package var spares: Int {
        switch self {
        case .all: 0
        case .most(let count): count
        }
    }
}
