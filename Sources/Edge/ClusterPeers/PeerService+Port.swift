import InterlockCluster

extension PeerService: PeerChannel {}
