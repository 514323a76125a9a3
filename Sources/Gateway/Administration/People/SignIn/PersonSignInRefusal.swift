package import InterlockModel

/// The reason a sign-in was refused. Pages show the same text for every case except `tooOften`, `badKey` and
/// `unavailable`, so that they do not reveal who is enrolled.
package enum PersonSignInRefusal: Error, Hashable, Sendable {
    /// Too many attempts; the duration is the wait until the next one.
    case tooOften(Duration)
    /// The challenge is unknown, used, for another key, or older than five minutes.
    case staleChallenge
    /// The session's key is not a point of its curve.
    case badKey
    case refused(AssertionRefusal)
    /// The passkey has expired, or its person was revoked.
    case ended
    /// The passkey's counter could not be stored; no session was created.
    case unavailable
}
