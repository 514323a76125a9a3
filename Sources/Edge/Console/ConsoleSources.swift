package import InterlockAdministration
package import InterlockModel

/// Where the pages beside approvals read what they show; nil where the console is shown without that part of a gateway.
/// What a part shows to whom it decides itself, by the sight of the person.
package struct ConsoleSources: Sendable {
    package var sight: @Sendable (Person) -> Sight
    package var standing: (any StandingSource)?
    package var drills: DrillDesk?
    package var elevations: ElevationDesk?
    package var policy: (any PolicyReading)?
    package var signOffs: (any SignOffDoor)?
    package var agents: (any AgentSource)?
    package var servers: (any ServerSource)?
    package var records: (any RecordSource)?
    package var runs: (any RunSource)?
    package var alarms: (any AlarmReading)?
    package var limits: (any LimitSource)?
    package var load: (any LoadSource)?

    /// - Parameter sight: by default nobody sees anything.
    package init(
        sight: @escaping @Sendable (Person) -> Sight = { Sight(person: $0, roles: [], own: []) },
        standing: (any StandingSource)? = nil, drills: DrillDesk? = nil,
        elevations: ElevationDesk? = nil,
        policy: (any PolicyReading)? = nil, signOffs: (any SignOffDoor)? = nil,
        agents: (any AgentSource)? = nil,
        servers: (any ServerSource)? = nil, records: (any RecordSource)? = nil,
        runs: (any RunSource)? = nil, alarms: (any AlarmReading)? = nil,
        limits: (any LimitSource)? = nil, load: (any LoadSource)? = nil
    ) {
        self.sight = sight
        self.standing = standing
        self.drills = drills
        self.elevations = elevations
        self.policy = policy
        self.signOffs = signOffs
        self.agents = agents
        self.servers = servers
        self.records = records
        self.runs = runs
        self.alarms = alarms
        self.limits = limits
        self.load = load
    }
}
