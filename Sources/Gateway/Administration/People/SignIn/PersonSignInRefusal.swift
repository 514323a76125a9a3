package import InterlockModel

/// Why somebody is not signed in. What a page says of it is the same for each but `tooOften`, `badKey` and `unavailable`:
/// who is enrolled is nobody's business.
package enum PersonSignInRefusal: Error, Hashable, Sendable {
    /// To be tried again after so long.
    case tooOften(Duration)
    /// Unknown, used before, made for another key, or older than five minutes.
    case staleChallenge
    /// The key of the session is no point of its curve.
    case badKey
    case refused(AssertionRefusal)
    /// The passkey's end has come, or its person was revoked.
    case ended
    /// Too many wait, or the counter could not be kept: nobody is signed in.
    case unavailable
}
