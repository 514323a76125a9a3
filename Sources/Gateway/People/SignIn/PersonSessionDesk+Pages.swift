import InterlockModel

extension PersonSessionDesk: PeopleSessions {
    package func session(of token: String, isUse: Bool) async -> PersonSession? {
        guard let holder = holder(of: token, isUse: isUse) else { return nil }
        return PersonSession(
            person: holder.person, pseudonym: holder.pseudonym, formToken: holder.form,
            nonce: holder.nonce)
    }

    package func made(_ formToken: String, for session: PersonSession) -> Bool {
        let (sent, own) = (Array(formToken.utf8), Array(session.formToken.utf8))
        guard sent.count == own.count else { return false }
        // Every byte is looked at, so that time says nothing about the first that differs.
        return zip(sent, own).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
