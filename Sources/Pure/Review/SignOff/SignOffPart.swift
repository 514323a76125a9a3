/// A part of a review, all of which a sign-off needs (docs/specs/trust-and-review.md, section 7).
package enum SignOffPart: String, Sendable, Hashable, CaseIterable {
    case sample, scopes, retire, drift, controls
}
