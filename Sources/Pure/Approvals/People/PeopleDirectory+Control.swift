package import InterlockJSON
package import InterlockModel

/// The decided people as entries of the control log. An entry has a person's roles and credentials under the pseudonym:
/// no name, and no counter of a passkey, which permits nothing.
extension PeopleDirectory {
    /// The body of the entry of each person, by pseudonym.
    package var decided: [String: JSONObject] {
        let json = trust.json
        var people: [String: JSONObject] = [:]
        for person in json["people"]?.array ?? [] {
            guard var body = person.object, let pseudonym = body["pseudonym"]?.string else {
                continue
            }
            body["person"] = nil
            body["pseudonym"] = nil
            body["passkeys"] = .array(
                (json["passkeys"]?.array ?? []).compactMap { passkey in
                    guard var passkey = passkey.object, passkey["holder"]?.string == pseudonym
                    else { return nil }
                    passkey["holder"] = nil
                    passkey["counter"] = nil
                    return .object(passkey)
                })
            people[pseudonym] = body
        }
        return people
    }

    /// The entries that bring a control log up to date that has these bodies. A person who was removed has an empty one.
    package func entries(since before: [String: JSONObject]) -> [ControlDraft] {
        let now = decided
        return Set(now.keys).union(before.keys).sorted().compactMap { person in
            let body = now[person] ?? [:]
            return body == before[person] ? nil : ControlDraft(.person, person, body)
        }
    }
}
