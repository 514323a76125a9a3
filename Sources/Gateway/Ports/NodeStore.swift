/// Everything that a node stores outside its log, as one open store.
package protocol NodeStore: AlertStore, ApprovalStore, BaselineStore, ControlLog,
    DenialLinkStore, ElevationStore, NonceStore, NoticeStore, NotificationStore, PeopleStore,
    PersonSessionStore,
    ProbeStore,
    QuarantineStore, RecipientStore,
    SightingStore, SignOffStore, StoreProbe
{
    /// Runs the submitted work, then ends; later calls fail.
    func close()
}
