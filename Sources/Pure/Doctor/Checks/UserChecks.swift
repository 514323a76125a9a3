/// The user who asks: what root finds does not hold for another user.
enum UserChecks {
    static func all(_ facts: DoctorFacts) -> [DoctorCheck] {
        guard facts.user.id == 0 else { return [] }
        return [
            DoctorCheck(
                .user, nil, .unknown,
                "root can read files that the user of the host cannot, and can change all of them",
                help: "runuser -u USER -- interlock doctor")
        ]
    }
}
