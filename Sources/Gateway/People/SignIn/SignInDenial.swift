package import InterlockModel

/// Why somebody is not signed in. What a page says of it is the same for each but `tooOften` and `unavailable`:
/// who is enrolled is nobody's business.
package enum SignInDenial: Error, Hashable, Sendable {
    /// To be tried again after so long.
    case tooOften(Duration)
    /// Unknown, used before, or older than five minutes.
    case staleChallenge
    case refused(AssertionRefusal)
    /// The passkey's end has come, or its person was revoked.
    case ended
    /// Too many wait, or the counter could not be kept: nobody is signed in.
    case unavailable
}
