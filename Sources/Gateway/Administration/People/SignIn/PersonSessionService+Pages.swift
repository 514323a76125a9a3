import InterlockModel

extension PersonSessionService: PersonSessions {
    package func session(of token: String, isUse: Bool) async -> PersonSession? {
        guard let holder = holder(of: token, isUse: isUse) else { return nil }
        return PersonSession(
            person: holder.person, pseudonym: holder.pseudonym, formToken: holder.form,
            nonce: holder.nonce)
    }

    package func made(_ formToken: String, for session: PersonSession) -> Bool {
        equalInConstantTime(Array(formToken.utf8), Array(session.formToken.utf8))
    }
}
