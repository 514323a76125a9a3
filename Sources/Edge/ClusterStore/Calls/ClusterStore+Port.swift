import InterlockCluster

extension ClusterStore: ControlStore {}
